// The line between a client and the server: counts what passes, and breaks after so many bytes.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Line {
  #server;
  #sockets = new Set();
  #to;
  #left = Infinity;
  /** Bytes that went from the client to the server. */
  sent = 0;
  /** How often the line broke. */
  broken = 0;

  /** A line to a server of this machine. */
  static async to(port) {
    const line = new Line();
    line.#to = port;
    line.#server = createServer((client) => line.#join(client));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get address() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Breaks every connection once so many more bytes have gone to the server; then it is whole. */
  breakAfter(bytes) {
    this.#left = bytes;
  }

  async remove() {
    this.#hangUp();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #hangUp() {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(client) {
    const server = connect(this.#to, '127.0.0.1');
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      // A broken connection is what this is for.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    client.on('data', (bytes) => {
      const some = bytes.subarray(0, this.#left);
      this.#left -= some.length;
      this.sent += some.length;
      if (some.length === bytes.length) {
        // Not faster than the server takes it, or what is still here would be lost with the line.
        if (!server.write(some)) {
          client.pause();
          server.once('drain', () => client.resume());
        }
        return;
      }
      this.#left = Infinity;
      this.broken += 1;
      client.pause();
      server.end(some, () => this.#hangUp());
    });
  }
}
