"""Which sheets of a workbook are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from loyalty_research.errors import DataError, problem
from loyalty_research.study.files.options import FileOptions
from loyalty_research.study.files.shape import Shape, find_shape
from loyalty_research.study.files.where import Where
from loyalty_research.study.files.workbook import Sheet, open_sheet


def chosen_sheets(
    book: CalamineWorkbook, options: FileOptions, where: Where
) -> Iterator[tuple[str, Sheet | None]]:
    """Yield the sheets to read, and None for those left out.

    Where none is named, these are the visible ones that share the heading of the first that holds a
    table: not of a cover or of notes.

    Raises
    ------
    DataError
        Where a sheet that is named is not there, or none can be read.
    """
    names, hidden = _names(book, options.sheets, where)
    opened: dict[str, Sheet] = {}
    expected = None
    if options.sheets is None:
        expected = _first_heading(book, names, opened, options, where)
    for name in names:
        sheet = opened.pop(name, None) or open_sheet(book, name, where)
        fits = expected is None or _heading(sheet, options, where.inside(name)) == expected
        yield name, sheet if fits else None
    for name in hidden:
        yield name, None


def _first_heading(
    book: CalamineWorkbook,
    names: Sequence[str],
    opened: dict[str, Sheet],
    options: FileOptions,
    where: Where,
) -> set[str]:
    found: list[Shape] = []
    errors: list[DataError] = []
    for name in names:
        opened[name] = open_sheet(book, name, where)
        try:
            shape = find_shape(opened[name].head(), options, where.inside(name))
        except DataError as error:
            errors.append(error)
            continue
        if shape is not None:
            found.append(shape)
            if len(shape.names) > 1 and shape.data:
                return set(shape.names)
    if found:
        best = next((shape for shape in found if shape.data), found[0])
        return set(best.names)
    if errors:
        raise errors[0]
    raise DataError(problem("{place}: {file}: is empty; at least one row is needed", **where.of))


def _heading(sheet: Sheet, options: FileOptions, where: Where) -> set[str]:
    try:
        shape = find_shape(sheet.head(), options, where)
    except DataError:
        return set()
    return set(shape.names) if shape is not None else set()


def _names(
    book: CalamineWorkbook, asked: Sequence[str] | None, where: Where
) -> tuple[list[str], list[str]]:
    """Return the sheets to read and, where none is named, those left out because they are hidden.

    Raises
    ------
    DataError
        Where a sheet that is named is not there, or none is visible.
    """
    sheets = [item for item in book.sheets_metadata if item.typ == SheetTypeEnum.WorkSheet]
    names = [item.name for item in sheets]
    if asked is not None:
        absent = [name for name in asked if name not in names]
        if absent:
            raise DataError(
                problem(
                    "{place}: {file}: no sheet {sheet!r}; the workbook has: {found}",
                    **where.of,
                    sheet=absent[0],
                    found=", ".join(names) or "none",
                )
            )
        return list(asked), []
    visible = [item.name for item in sheets if item.visible == SheetVisibleEnum.Visible]
    if not visible:
        raise DataError(
            problem(
                "{place}: {file}: no sheet is visible; name one under sheets: in the brand file; "
                "the workbook has: {found}",
                **where.of,
                found=", ".join(names) or "none",
            )
        )
    return visible, [name for name in names if name not in visible]
