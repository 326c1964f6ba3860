"""Walks over a list: in a chain, where each page leads to the next, or by numbers. All of them end, and lose nothing.

Numbers are harder: whatever is deleted in front of the walk draws others past the place where it is. So it looks back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from http import HTTPStatus

from sheetsync.errors import BadReply, RequestRefused
from sheetsync.sources.rest.listing import Listing, Page
from sheetsync.sources.rest.styles import Token

MOST_EMPTY = 100
"""Pages with nothing on them, one after the other: some APIs filter a page after they have cut it."""

MOST_BACK = 100
"""How often a walk goes back because the list moved; then it is not sorted by something that stays."""


def pages(listing: Listing, token: Token, known: Collection[str]) -> Iterator[Page]:
    """The pages from this one on; some come twice where the list moved. Raises BadReply for a list without an end.

    `known`: what has been met of late, which whoever walks keeps up to date.
    """
    if isinstance(token, str):
        return _chained(listing, token)
    walk = _by_offset if listing.config.paginator == "offset" else _by_page
    return walk(listing, token, known)


def _chained(listing: Listing, token: Token | None) -> Iterator[Page]:
    seen: set[Token] = set()
    before, empty = None, 0
    while token is not None:
        page = listing.read(token)
        seen.add(token)
        empty = 0 if page.items else empty + 1
        if page.next in seen or empty > MOST_EMPTY:
            raise BadReply(f"{listing.shown}: a page leads back to one that was read, or to nothing for ever")
        _refuse_repeated(listing, before, page)
        yield page
        before, token = page, page.next


def _by_offset(listing: Listing, start: int, known: Collection[str]) -> Iterator[Page]:
    """Each page begins with the last item of the one before. Where it does not, the list moved: the walk goes back

    until it is among what it has met, and on from there.
    """
    before, back = None, 0
    while True:
        page = listing.read(start)
        if start and not (page.ids and page.ids[0] in known):
            before, start, back = None, max(0, start - listing.config.limit), _one_more(listing, back)
            continue
        _refuse_repeated(listing, before, page)
        yield page
        if len(page.items) < 2:
            return
        before, start = page, start + len(page.items) - 1


def _by_page(listing: Listing, number: int, known: Collection[str]) -> Iterator[Page]:
    """Until a page is empty. Where one has nothing of what was met, the one before is read again, for what slid into it

    between the two calls.
    """
    before, size, back = None, 0, 0
    while True:
        page = _numbered(listing, number, before, size)
        _refuse_repeated(listing, before, page)
        met, joined = set(known), _joins(listing, page, known)
        yield page
        behind = number
        while not joined:
            behind, back = behind - 1, back if behind == number else _one_more(listing, back)
            again = listing.read(behind)
            joined = _joins(listing, again, met)
            yield again
        if not page.items:
            return
        before, number, size = page, number + 1, max(size, len(page.items))


def _joins(listing: Listing, page: Page, known: Collection[str]) -> bool:
    """Whether nothing can lie between what was met and this page."""
    return page.token == listing.first or any(each in known for each in page.ids)


def _numbered(listing: Listing, number: int, before: Page | None, size: int) -> Page:
    """A page; an empty one where all have been read and the API has no more of them."""
    try:
        return listing.read(number)
    except RequestRefused as refused:
        if before is None or refused.status != HTTPStatus.NOT_FOUND:
            raise
        pages_read = number - int(listing.first)
        size = listing.config.limit if listing.config.limit_param else size
        if before.total is not None and pages_read * size >= before.total:
            return Page(number, [], [], None, before.total, None)
        raise BadReply(
            f"{listing.shown} has no page {number}: if that is how its pages end, write as total_path where it tells "
            "how many there are in all"
        ) from None


def _refuse_repeated(listing: Listing, before: Page | None, page: Page) -> None:
    if before is not None and page.items and page.ids == before.ids:
        raise BadReply(
            f"{listing.shown} gives the same page again: the parameter or link by which paginator "
            f"{listing.config.paginator} asks for the next one is not heeded"
        )


def _one_more(listing: Listing, back: int) -> int:
    if back == MOST_BACK:
        raise BadReply(
            f"{listing.shown} gives its orders in another order each time: have it sorted, by stable_by, by something "
            "that never changes"
        )
    return back + 1
