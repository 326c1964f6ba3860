"""Orders from a file: JSON Lines, a JSON array or CSV, plain or compressed with gzip or xz.

An order is one object with its lines inside it; or it is flat, a run of rows with one id, each a line. CSV is
always flat; JSON is where a tab has a row per line and the record has no list of lines. Files are streamed:
in memory is one order, and for flat files a number for each order met, to notice one that comes back.
"""

from sheetsync.sources.file.orders import FileConfig
from sheetsync.sources.file.source import FileSource

__all__ = ["FileConfig", "FileSource"]
