/* The corridor finder: the lines of all tables by sending and receiving country. Without this script all lines show. */
(function () {
  "use strict";
  var tools = document.getElementById("finder");
  var rows = Array.prototype.slice.call(document.querySelectorAll("table[data-find] tr[data-corridor]"));
  if (!tools || !rows.length) return;
  var ends = Array.prototype.slice.call(tools.querySelectorAll("[data-end]")), said = tools.querySelector("[data-text]");
  function find() {
    var shown = 0;
    rows.forEach(function (row) {
      var key = row.dataset.corridor.split("-");
      row.hidden = ends.some(function (end) { return end.value && key[+end.dataset.end] !== end.value; });
      if (!row.hidden) shown += 1;
    });
    said.textContent = said.dataset.text.replace("{n}", shown).replace("{all}", rows.length);
  }
  // corridors.html#from=GBR&to=IND
  new URLSearchParams(location.hash.slice(1)).forEach(function (code, name) {
    var end = ends[["from", "to"].indexOf(name)];
    if (end) end.value = code;
  });
  ends.forEach(function (end) { end.addEventListener("change", find); });
  tools.hidden = false;
  find();
})();
