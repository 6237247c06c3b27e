"""SDMX-ML 2.1 structure-specific data of the SDG dataflow, one flat list of observations with all their attributes.

Written here, because pysdmx 1.21 writes an apostrophe in an attribute as a quotation mark, which breaks the file;
checked with pysdmx (extra `sdmx`) against the schemas of the standard before it leaves.
"""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]

from remitwatch.errors import InputError
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import COLUMNS, reported
from reports.exports.sdmx_csv import some

NAME = "sdg-10c1.xml"
_ROOT = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
_MES, _SPE, _COM = f"{_ROOT}/message", f"{_ROOT}/data/structurespecific", f"{_ROOT}/common"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def sdmx_ml_files(export: ExportInput) -> dict[str, bytes]:
    """The file of `remitwatch export sdmx-ml`. Raises InputError without the extra `sdmx`, and when no annual figure is
    among those asked for."""
    try:
        from pysdmx.io.xml.doc_validation import validate_doc
    except ImportError:
        raise InputError(
            "sdmx-ml needs the extra sdmx, which checks the file: pip install 'remitwatch[sdmx]' (sdmx-csv needs none)"
        ) from None
    body = sdmx_ml(export)
    validate_doc(body.decode())
    return {NAME: body}


def sdmx_ml(export: ExportInput) -> bytes:
    """The annual figures as a message, prepared at the figures' as-of time. Its test mark is set for sandbox data."""
    rows = some(reported(export)).rows
    flow, as_of = export.data.sdmx, export.data.as_of
    agency, name = flow.dataflow.split(":")
    structure = f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={flow.dataflow}({flow.version})"
    namespace = f"{structure}:ObsLevelDim:AllDimensions"
    spaces = {"mes": _MES, "ss": _SPE, "com": _COM, "xsi": _XSI, "flow": namespace}
    message = etree.Element(f"{{{_MES}}}StructureSpecificData", nsmap=spaces)
    head = etree.SubElement(message, f"{{{_MES}}}Header")
    etree.SubElement(head, f"{{{_MES}}}ID").text = f"SDG10C1_{as_of:%Y%m%dT%H%M%S}"
    etree.SubElement(head, f"{{{_MES}}}Test").text = "true" if export.sandbox else "false"
    etree.SubElement(head, f"{{{_MES}}}Prepared").text = f"{as_of:%Y-%m-%dT%H:%M:%S}Z"
    etree.SubElement(head, f"{{{_MES}}}Sender", id=flow.sender)
    shape = {"structureID": name, "namespace": namespace, "dimensionAtObservation": "AllDimensions"}
    usage = etree.SubElement(etree.SubElement(head, f"{{{_MES}}}Structure", shape), f"{{{_COM}}}StructureUsage")
    etree.SubElement(usage, "Ref", {"agencyID": agency, "id": name, "version": flow.version, "class": "Dataflow"})
    kind = {
        f"{{{_SPE}}}structureRef": name,
        f"{{{_SPE}}}dataScope": "DataStructure",
        f"{{{_XSI}}}type": "flow:DataSetType",
        "action": "Replace",
    }
    dataset = etree.SubElement(message, f"{{{_MES}}}DataSet", kind)
    for row in rows:
        etree.SubElement(
            dataset, "Obs", {column: cell for column, cell in zip(COLUMNS[1:], row[1:], strict=True) if cell}
        )
    etree.indent(message)
    body: bytes = etree.tostring(message, encoding="UTF-8", xml_declaration=True)
    return body + b"\n"
