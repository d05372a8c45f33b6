// Files to attach: small, real, each different from the other.

import { deflateSync } from 'node:zlib';

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

function chunk(name: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

/** A PNG of one colour, tinted by `seed`; `noise` fills it with that many incompressible bytes. */
export function png(seed: number, { side = 64, noise = 0 } = {}): Buffer {
  const width = noise === 0 ? side : Math.max(side, Math.ceil(Math.sqrt(noise / 3)));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(width, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = width * 3 + 1;
  const pixels = Buffer.alloc(row * width);
  let state = (seed * 2654435761) >>> 0 || 1;
  for (let at = 0; at < pixels.length; at += 1) {
    if (at % row === 0) continue;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels[at] = noise === 0 ? (seed * 40 + (at % 3) * 50) % 256 : state >>> 24;
  }
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels, { level: noise === 0 ? 6 : 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
