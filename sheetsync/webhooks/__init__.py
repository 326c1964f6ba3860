"""What shops report, from strangers until proven otherwise. It is read in this order: `receive`, `platform`, `storing`.

One file a platform: what shows that a delivery is genuine, what makes it the same delivery when it comes again, and
which order it names. A delivery is a hint: the order is fetched afresh, and nothing of the body gets into a tab.
"""
