// tus-js-client against the server: cut off, it goes on where it stopped.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Upload } from 'tus-js-client';

import { digest, Field, HEADS, PART, photo } from './field.mjs';
import { Line } from './line.mjs';

let field;
let line;
let token;

before(async () => {
  field = await Field.begin();
  line = await Line.to(field.central.port);
  token = await field.token();
});

after(async () => {
  await line.remove();
  await field.remove();
});

/** Sends bytes, from where `uploadUrl` stands if it is given: the upload's address, and the error if any. */
function send(bytes, options = {}) {
  return new Promise((resolve) => {
    const upload = new Upload(bytes, {
      endpoint: `${line.address}/api/evidence/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { sha256: digest(bytes), filetype: 'image/jpeg' },
      retryDelays: null,
      onError: (error) => resolve({ url: upload.url, error }),
      onSuccess: () => resolve({ url: upload.url }),
      ...options,
    });
    upload.start();
  });
}

test('cut off in the middle and taken up again, a file is sent once', async () => {
  const bytes = photo(1, 1_500_000);
  line.breakAfter(700_000);
  const before = line.sent;
  const cut = await send(bytes);
  assert.ok(cut.error && cut.url, 'the line broke after the upload had begun');
  const resumed = await send(bytes, { uploadUrl: cut.url });
  assert.equal(resumed.error, undefined);
  const again = line.sent - before - bytes.length;
  assert.ok(again <= PART + HEADS, `${again} bytes more than the file went over the line`);
  const report = await field.makeVisit([await field.file('one.jpg', bytes)]);
  assert.equal(JSON.parse(report).files_sent, 0, 'the device finds it there');
  assert.equal(await field.missing(), 0);
  assert.ok((await field.read(digest(bytes))).equals(bytes), 'byte for byte');
});

test('a line that breaks again and again gets a file through all the same', async () => {
  const bytes = photo(2, 1_500_000);
  const [before, broken] = [line.sent, line.broken];
  line.breakAfter(300_000);
  const { error } = await send(bytes, {
    retryDelays: [50, 100, 200],
    chunkSize: PART,
    // A cut after every answer that came: each part but the last meets one.
    onChunkComplete: (_, accepted) => {
      if (line.broken - broken < 4 && accepted < 1_200_000) line.breakAfter(100_000);
    },
  });
  assert.equal(error, undefined);
  const cuts = line.broken - broken;
  assert.ok(cuts >= 3, `the line broke ${cuts} times`);
  const again = line.sent - before - bytes.length;
  assert.ok(again <= cuts * PART + HEADS, `${again} bytes more than the file for ${cuts} cuts`);
});

test('a server that crashes has what it acknowledged', async () => {
  const bytes = photo(3, 1_200_000);
  const parts = [];
  const { url } = await new Promise((resolve) => {
    const upload = new Upload(bytes, {
      endpoint: `${line.address}/api/evidence/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { sha256: digest(bytes), filetype: 'image/jpeg' },
      chunkSize: PART,
      retryDelays: null,
      onChunkComplete: (_, accepted) => {
        parts.push(accepted);
        if (parts.length === 3) {
          void field.crash().then(() => resolve({ url: upload.url }));
        }
      },
      onError: () => undefined,
      onSuccess: () => assert.fail('it crashed before the end'),
    });
    upload.start();
  });
  const told = [];
  const { error } = await send(bytes, {
    uploadUrl: url,
    onUploadUrlAvailable: () => undefined,
    onAfterResponse: (request, response) => {
      if (request.getMethod() === 'HEAD') told.push(Number(response.getHeader('Upload-Offset')));
    },
  });
  assert.equal(error, undefined);
  assert.ok(told[0] >= 3 * PART, `acknowledged were ${3 * PART} bytes, it has ${told[0]}`);
});

test('what is not what it is said to be is refused and not asked for again', async () => {
  const bytes = Buffer.concat([photo(4, 300_000), Buffer.from('GPS 31.95N 35.91E')]);
  const { error } = await send(bytes, { retryDelays: [10, 10] });
  assert.equal(error.originalResponse.getStatus(), 422);
  assert.match(error.originalResponse.getBody(), /evidence\.metadata/);
});
