"""What ROOT's ``hadd`` does with everything that is no tree: histograms and profiles are added, parameters
combined by their own mode, the rest kept from the first file. docs/howto/merge-histograms.md has the table.

The theory, in short. A streamed histogram is some hundred bytes that say what it is (bins, range, labels,
style) and some arrays and numbers that are added. Two histograms that may be added at all have, nearly
always, the same bytes in the same places except for those. So the first one is taken apart with the file's
own StreamerInfo (``look``, by the ``rules``), and what comes out is a ``template``: the places of the numbers
to add, and of the bytes that must be what they were. Every further one is compared with that by its bytes and
added with numpy, hundreds of histograms at a time (``batch``, ``sums``). What does not fit is taken apart
itself and compared member by member (``histograms``): a longer title is no trouble, and other bins are a
refusal that names file, object and difference.

``kinds`` is the door for the format ``root``; ``values`` has what is no histogram; ``comparison`` tells
whether a merged file holds what its inputs hold.
"""
