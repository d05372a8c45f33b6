"""Sends a file by tuspy and prints what came of it as JSON."""

import json
import os
import sys

from tusclient.client import TusClient

endpoint, path, sha256, url, part = sys.argv[1:]
client = TusClient(endpoint, headers={"Authorization": "Bearer " + os.environ["TOKEN"]})
uploader = client.uploader(
    path,
    url=url or None,
    chunk_size=int(part),
    metadata={"sha256": sha256, "filetype": "image/jpeg"},
    upload_checksum=bool(os.environ["CHECKSUM"]),
)
said = {"from": uploader.offset}
try:
    uploader.upload()
except Exception as error:  # whatever it is, the test judges it
    said["error"] = repr(error)
said["url"] = uploader.url
print(json.dumps(said))
