// Nothing may go wrong unseen: an error in the page, a line on its error console or a breach of the
// content policy fails the test that caused it.

import type { Page } from '@playwright/test';

export class Guard {
  readonly #found: string[] = [];
  #isResting = false;
  #expected: RegExp[] = [
    // The device and the server refuse with words for the person; the browser writes each refusal down too.
    /^Failed to load resource: the server responded with a status of 4\d\d .*\/api\//,
  ];

  /** Watches a page from before it loads anything. */
  async watch(page: Page): Promise<void> {
    page.on('pageerror', (error) => this.#note(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      this.#note(`${message.text()} (${message.location().url})`);
    });
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText ?? '';
      // Leaving a page gives up what was under way.
      if (why !== 'net::ERR_ABORTED') this.#note(`${why}: ${request.method()} ${request.url()}`);
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`content policy: ${event.effectiveDirective} stopped ${event.blockedURI}`);
      });
    });
  }

  /** The test is over: what the page meets now is no fault of it. */
  rest(): void {
    this.#isResting = true;
  }

  #note(line: string): void {
    if (!this.#isResting) this.#found.push(line);
  }

  /** What a test does on purpose: lines that fit are not faults. */
  expect(...lines: RegExp[]): void {
    this.#expected.push(...lines);
  }

  /** The device is about to be out of reach. */
  expectUnreachable(): void {
    this.expect(
      /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/,
    );
  }

  /** What nobody expected. */
  get faults(): string[] {
    return this.#found.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
  }
}
