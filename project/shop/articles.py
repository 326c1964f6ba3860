"""What the shop sells and to whom: everything in it that breaks naive exports."""

from __future__ import annotations

CUSTOMERS = (
    "Ada Lovelace", "Zoë Müller", "José Ñandú", "Łukasz Żak", "山田 太郎", "Ольга Иванова", "Søren Kjær",
    "Nguyễn Văn An", "O'Neill & Sons", "Ιωάννης Παπαδόπουλος", "أمينة يوسف", "דנה כהן", "Maya 🌵 Cactus",
    '=IMPORTXML("http://x")', "+49 30 901820", "@SUM(1+1)", "-2+3", "  Spaces  ", "TRUE", "1/2",
)  # fmt: skip
"""Scripts of all directions, and names that a sheet would take for formulas, sums, booleans or dates."""

MAILBOXES = ("ada+cactus", "zoe.mueller", "o'neill", "=hyperlink", "007", "наташа")

COUNTRIES = (
    ("DE", "EUR", "01067"), ("US", "USD", "02134"), ("GB", "GBP", "SW1A 1AA"), ("JP", "JPY", "100-0001"),
    ("PL", "PLN", "00-950"), ("AQ", "USD", ""),
)  # fmt: skip
"""Country, currency and zip code: leading zeros, letters, dashes, and none at all."""

GOODS = (
    ("0012345", "Cactus, small", "4.90"), ("007", "Cactus, large", "19.50"), ("MUG-1", "Mug “tiny”", "7.25"),
    ("1-2", "Gift card", "25.00"), ("TEA·2", "Grüner Tee", "12.40"), ("2e5", "Sticker sheet", "0.99"),
    ("4006381333931", "Pen\twith a tab", "1.10"), ("=A1", "Free sample", "0.00"),
)  # fmt: skip
"""SKU, title and price: codes that look like numbers, dates or formulas and are none."""

NOTES = (
    "Ring twice,\nthen leave it at the door", "=1+1", "\N{RIGHT-TO-LEFT MARK}شكرا جزيلا", "🌵🌵🌵", "0049 30 901820",
    "e\N{COMBINING ACUTE ACCENT}t\N{COMBINING GRAVE ACCENT}", '"quoted", with; separators|', "'apostrophe first",
)  # fmt: skip
