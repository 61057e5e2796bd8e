"""ROOT files as they lie on disk, without a ROOT installation: read, walked, rewritten, appended.

For those who build on it::

    with RootFile(path) as file:                      # rootio.file
        for found in file.objects():                  # path in the file, Key, newest cycles, directories too
            data = file.payload(found.key)            # the object's bytes, decompressed
            walked = walk(data, found.key.classname, file.streamers(), found.key.keylen)   # rootio.walk
            walked.root.members["fEntries"]           # every member by name, nested objects as Node

    edits = [replaced(walked.root, "fEntries", 12)]   # rootio.edit: pieces of the bytes, by place
    data = edited(walked, edits, keylen)              # byte counts, class tags and references set right

    writer = Writer(path, name, compression)          # rootio.writer: append only
    folder = writer.directory("a/b")                  # made with its parents
    folder.put("TH1F", "h", "title", data)            # a key that is listed; key_length() tells keylen first
    at = writer.append(key, body, folder)             # a record that is not listed (baskets, RBlobs)
    writer.streamers.add(file.streamers())            # union, written at the end
    size, adler32 = writer.close()                    # known without reading anything back

How objects of one name are merged over all inputs: a Kind and its Parts (rootio.parts).

Positions inside an object are offsets in its decompressed bytes. References and class tags, however, count
from the start of the *key* (so a key that changes length changes them): that is why ``walk`` and ``edited``
ask for the length of the key. Sources: ROOT's documentation of its file format (TFile, TKey, TDirectory,
TFree,
TStreamerInfo; root.cern/doc/master "ROOT files" and io/doc/TFile in the sources), version 6.
"""
