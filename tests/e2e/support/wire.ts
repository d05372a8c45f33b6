// The network between a device and the server, to be cut, slowed or taken away.

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

interface Course {
  /** Bytes a second from the device to the server; none when left out. */
  bytesPerSecond?: number;
  /** Every connection breaks once the device has sent so many bytes on it. */
  breakAfter?: number;
  /** The first break is the last: nobody answers from then on. */
  forGood?: boolean;
}

const SLICE_MS = 50;

export class Wire {
  readonly #to: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  #course: Course = {};
  /** How many connections broke on purpose. */
  broken = 0;
  /** How many connections the device opened. */
  opened = 0;

  private constructor(to: number) {
    this.#to = to;
  }

  /** A wire to a port of this machine; it is up. */
  static async to(port: number): Promise<Wire> {
    const wire = new Wire(port);
    await wire.up();
    return wire;
  }

  /** The server's address as the device knows it. */
  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Whole and fast again. */
  async up(): Promise<void> {
    this.#course = {};
    if (this.#server !== null) return;
    const server = createServer((socket) => this.#join(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.#port = address.port;
    this.#server = server;
  }

  /** Nobody answers; what was under way is cut. */
  async down(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    this.#hangUp();
    await closed;
  }

  /** So many bytes a second reach the server. */
  slow(bytesPerSecond: number): void {
    this.#course = { bytesPerSecond };
    this.#hangUp();
  }

  /** Every connection breaks after so many bytes. */
  breakAfter(bytes: number): void {
    this.#course = { breakAfter: bytes };
    this.#hangUp();
  }

  /** The first connection on which so many bytes were sent breaks, and then nobody answers. */
  dieAfter(bytes: number): void {
    this.#course = { breakAfter: bytes, forGood: true };
    this.#hangUp();
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(device: Socket): void {
    this.opened += 1;
    const course = this.#course;
    const server = connect(this.#to, '127.0.0.1');
    for (const socket of [device, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // A broken connection is what this is for.
      socket.on('error', () => undefined);
    }
    const end = () => {
      device.destroy();
      server.destroy();
    };
    device.on('close', end);
    server.on('close', end);
    server.pipe(device);
    let sent = 0;
    device.on('data', (bytes) => {
      sent += bytes.length;
      if (course.breakAfter !== undefined && sent > course.breakAfter) {
        this.broken += 1;
        if (course.forGood) void this.down();
        end();
      } else if (course.bytesPerSecond === undefined) {
        server.write(bytes);
      } else {
        device.pause();
        void trickle(server, bytes, course.bytesPerSecond).then(() => device.resume());
      }
    });
  }
}

async function trickle(to: Socket, bytes: Buffer, perSecond: number): Promise<void> {
  const slice = Math.max(1, Math.floor((perSecond * SLICE_MS) / 1000));
  for (let at = 0; at < bytes.length && !to.destroyed; at += slice) {
    to.write(bytes.subarray(at, at + slice));
    await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
  }
}
