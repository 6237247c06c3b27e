/* Search over countries, corridors and providers, and the corridor finder. Without this script both are a link to the list. */
(function () {
  "use strict";
  var MOST = 12;
  var plain = function (text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase(); };
  var words = function (text) { return plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean); };
  var make = function (name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text !== undefined) element.textContent = text;
    return element;
  };
  var entries = null;

  /* What can be found: kind, name, address below the language's folder, and its words. */
  function read() {
    var index = window.remitwatchIndex, named = {};
    if (entries || !index) return entries || [];
    entries = [];
    index.countries.forEach(function (row) {
      named[row[0]] = { name: row[1], words: words(row[1] + " " + row[2] + " " + row[0]) };
      if (row[3]) entries.push({ kind: "country", name: row[1], to: "countries/" + row[0] + ".html", words: named[row[0]].words });
    });
    index.corridors.split(" ").filter(Boolean).forEach(function (key) {
      var from = named[key.slice(0, 3)], to = named[key.slice(4)];
      entries.push({ kind: "corridor", name: index.corridor.replace("{sender}", from.name).replace("{receiver}", to.name),
        to: "corridors/" + key + ".html", words: from.words.concat(to.words) });
    });
    index.providers.forEach(function (row) { entries.push({ kind: "provider", name: row[0], to: row[1], words: words(row[0]) }); });
    return entries;
  }

  /* Every word asked for begins a word of the entry; a country before its corridors, an early match before a late one. */
  function search(asked) {
    var wanted = words(asked), order = { country: 0, corridor: 1, provider: 2 };
    if (!wanted.length) return [];
    return read().map(function (entry, place) {
      var at = wanted.map(function (word) { return entry.words.findIndex(function (other) { return other.startsWith(word); }); });
      return { entry: entry, place: place, at: at };
    }).filter(function (hit) { return hit.at.indexOf(-1) < 0; }).sort(function (a, b) {
      return order[a.entry.kind] - order[b.entry.kind] || a.at[0] - b.at[0] || a.place - b.place;
    }).map(function (hit) { return hit.entry; });
  }

  document.querySelectorAll("[data-find]").forEach(function (box, number) {
    var said = box.dataset, id = "found" + number, active = -1, shown = [];
    var input = make("input", { type: "search", role: "combobox", "aria-label": said.label, placeholder: said.label, "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": id, autocomplete: "off", spellcheck: "false" });
    var list = make("ul", { id: id, role: "listbox", "aria-label": said.label }), status = make("p", { role: "status", "class": "vh" });
    list.hidden = true;
    box.textContent = "";
    [input, list, status].forEach(function (element) { box.appendChild(element); });

    function load() {
      if (window.remitwatchIndex || document.querySelector("script[data-index]")) return;
      var script = make("script", { src: said.index, "data-index": "" });
      script.addEventListener("load", show);
      document.head.appendChild(script);
    }
    function close() { list.hidden = true; active = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); }
    function go(entry) { window.location.href = said.home + entry.to; }
    function point(to) {
      active = to;
      Array.prototype.forEach.call(list.children, function (option, place) { option.setAttribute("aria-selected", String(place === to)); });
      if (to >= 0) { input.setAttribute("aria-activedescendant", id + "-" + to); list.children[to].scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    }
    function show() {
      var found = search(input.value);
      shown = found.slice(0, MOST);
      list.textContent = "";
      shown.forEach(function (entry, place) {
        var option = make("li", { role: "option", id: id + "-" + place, "aria-selected": "false" });
        option.appendChild(make("bdi", {}, entry.name));
        option.appendChild(make("span", {}, window.remitwatchIndex.kinds[entry.kind]));
        option.addEventListener("mousedown", function (event) { event.preventDefault(); });
        option.addEventListener("click", function () { go(entry); });
        list.appendChild(option);
      });
      if (!input.value.trim() || !window.remitwatchIndex) { close(); status.textContent = ""; return; }
      if (!shown.length) list.appendChild(make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, said.none));
      status.textContent = shown.length ? said.found.replace("{n}", found.length) : said.none;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(-1);
    }
    input.addEventListener("focus", load);
    input.addEventListener("input", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { if (list.hidden) input.value = ""; close(); return; }
      if (event.key === "Enter") { if (shown.length && !list.hidden) { event.preventDefault(); go(shown[Math.max(active, 0)]); } return; }
      var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      if (list.hidden) show();
      if (shown.length) point(active < 0 ? (step > 0 ? 0 : shown.length - 1) : (active + step + shown.length) % shown.length);
    });
  });

  document.querySelectorAll("[data-corridors]").forEach(function (box) {
    var index = window.remitwatchIndex;
    if (!index) return;
    var keys = index.corridors.split(" ").filter(Boolean), from = box.querySelector("[data-from]"), to = box.querySelector("[data-to]");
    function fill(select, codes) {
      var kept = select.value;
      select.textContent = "";
      index.countries.filter(function (row) { return codes.indexOf(row[0]) >= 0; })
        .sort(function (a, b) { return a[1].localeCompare(b[1], document.documentElement.lang); })
        .forEach(function (row) { select.add(new Option(row[1], row[0], false, row[0] === kept)); });
    }
    function receivers() { fill(to, keys.filter(function (key) { return key.slice(0, 3) === from.value; }).map(function (key) { return key.slice(4); })); }
    if (!keys.length) return;
    fill(from, keys.map(function (key) { return key.slice(0, 3); }));
    receivers();
    from.addEventListener("change", receivers);
    box.querySelector("[data-go]").addEventListener("click", function () { window.location.href = box.dataset.home + "corridors/" + from.value + "-" + to.value + ".html"; });
    box.hidden = false;
  });
})();
