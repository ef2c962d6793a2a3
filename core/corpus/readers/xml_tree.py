"""XML from a stranger: no entities, no depth, no other document fetched."""

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

from segue.core.corpus.readers.batch import Source
from segue.core.errors import SegueError

DEEPEST = 64
"""Elements within elements; folders of playlists lie some ten deep."""
_PIECE = 1 << 20


def xml_root(source: Source) -> ET.Element:
    """The root of a document, parsed as UTF-8 whatever it claims to be.

    Raises
    ------
    SegueError
        When it is not well-formed, declares entities or is nested too deeply.
    """
    text = plain_xml(source)
    parser: Any = ET.XMLPullParser(["start", "end"])  # whose events typeshed knows too many kinds of
    depth = 0
    root: ET.Element | None = None
    try:
        for at in range(0, len(text), _PIECE):
            parser.feed(text[at : at + _PIECE])
            for event, element in parser.read_events():
                root = element if root is None else root
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise SegueError(f"{source.place}: has more than {DEEPEST} elements within each other")
        parser.close()
    except (ET.ParseError, ValueError) as error:
        raise SegueError(f"{source.place}: is not valid XML ({error}); is it cut short?") from None
    if root is None:
        raise SegueError(f"{source.place}: is not valid XML (no element)")
    return root


def plain_xml(source: Source) -> str:
    """The text of a document that declares no entities.

    Raises
    ------
    SegueError
        When it declares some, by which a few lines can become gigabytes.
    """
    text = source.text()
    if "<!ENTITY" in text or "<!ELEMENT" in text or "<!ATTLIST" in text:
        raise SegueError(f"{source.place}: declares entities, which no playlist needs; export it again")
    if text.lstrip().startswith("<?xml"):  # its encoding no longer holds
        text = text.lstrip()
        text = text[text.find("?>") + 2 :] if "?>" in text[:1000] else text
    return text


def name_of(element: ET.Element) -> str:
    """The element's name in small letters, without its namespace."""
    return element.tag.rpartition("}")[2].lower()


def called(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """The elements of that name, at any depth."""
    return (element for element in parent.iter() if name_of(element) == name)


def texts(parent: ET.Element, name: str) -> list[str]:
    """The texts of the children of that name that have one."""
    found = (child.text or "" for child in parent if name_of(child) == name)
    return [text.strip() for text in found if text.strip()]
