// Files that come to the page as a hand brings them: dropped or pasted.

import type { Locator } from '@playwright/test';

interface File {
  name: string;
  type: string;
  bytes: Buffer;
}

/** Drops or pastes a file onto an element, with the events the browser sends. */
export async function bring(how: 'drop' | 'paste', onto: Locator, file: File): Promise<void> {
  const { name, type, bytes } = file;
  await onto.evaluate(
    (element, { how, name, type, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const carried = new DataTransfer();
      carried.items.add(new File([bytes], name, { type }));
      const options = { bubbles: true, cancelable: true };
      if (how === 'paste') {
        element.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: carried }));
        return;
      }
      for (const event of ['dragenter', 'dragover', 'drop']) {
        element.dispatchEvent(new DragEvent(event, { ...options, dataTransfer: carried }));
      }
    },
    { how, name, type, base64: bytes.toString('base64') },
  );
}
