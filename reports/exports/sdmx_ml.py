"""SDMX-ML 2.1 structure-specific data of the SDG dataflow, one flat list of observations with all their attributes.

Written here, because pysdmx 1.21 writes an apostrophe in an attribute as a quotation mark, which breaks the file; checked
with pysdmx (extra `sdmx`) against the schemas of the standard before it leaves.
"""

from __future__ import annotations

import io

from lxml import etree

from remitwatch.errors import InputError
from reports.exports.inputs import ExportInput
from reports.exports.sdmx import COLUMNS, observations
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
    rows = some(observations(export)).rows
    flow, as_of = export.data.sdmx, export.data.as_of
    agency, name = flow.dataflow.split(":")
    structure = f"urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow={flow.dataflow}({flow.version})"
    namespace = f"{structure}:ObsLevelDim:AllDimensions"
    buffer = io.BytesIO()
    with etree.xmlfile(buffer, encoding="UTF-8") as xml:
        xml.write_declaration()
        with xml.element(f"{{{_MES}}}StructureSpecificData", nsmap={"mes": _MES, "ss": _SPE, "com": _COM, "xsi": _XSI}):
            _line(xml, 1)
            with xml.element(f"{{{_MES}}}Header"):
                for tag, text in (
                    ("ID", f"SDG10C1_{as_of:%Y%m%dT%H%M%S}"),
                    ("Test", "true" if export.sandbox else "false"),
                    ("Prepared", f"{as_of:%Y-%m-%dT%H:%M:%S}Z"),
                ):
                    _line(xml, 2)
                    with xml.element(f"{{{_MES}}}{tag}"):
                        xml.write(text)
                _line(xml, 2)
                with xml.element(f"{{{_MES}}}Sender", id=flow.sender):
                    pass
                _line(xml, 2)
                with xml.element(
                    f"{{{_MES}}}Structure",
                    structureID=name,
                    namespace=namespace,
                    dimensionAtObservation="AllDimensions",
                ):
                    with xml.element(f"{{{_COM}}}StructureUsage"):
                        reference = {"agencyID": agency, "id": name, "version": flow.version, "class": "Dataflow"}
                        xml.write(etree.Element("Ref", reference))
                _line(xml, 1)
            _line(xml, 1)
            attributes = {
                f"{{{_SPE}}}structureRef": name,
                f"{{{_SPE}}}dataScope": "DataStructure",
                f"{{{_XSI}}}type": "flow:DataSetType",
                "action": "Replace",
            }
            with xml.element(f"{{{_MES}}}DataSet", attributes, nsmap={"flow": namespace}):
                for row in rows:
                    _line(xml, 2)
                    xml.write(etree.Element("Obs", {column: row[column] for column in COLUMNS[1:] if row[column]}))
                _line(xml, 1)
            xml.write("\n")
    return buffer.getvalue() + b"\n"


def _line(xml: etree._IncrementalFileWriter, depth: int) -> None:
    xml.write("\n" + "  " * depth)
