// Saving a file where the person chooses: the system's dialog in the window, a download in a browser.
import { invoke } from '@tauri-apps/api/core';

import { shellRefusal } from '$lib/api/error';
import { inWindow } from '$lib/api/tauri';

/** False: the person closed the dialog. A browser does not tell, so there it is always true. */
export async function saveFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (!inWindow()) {
    download(name, bytes);
    return true;
  }
  try {
    return await invoke<boolean>('save_file', bytes, {
      headers: { name: encodeURIComponent(name) },
    });
  } catch (thrown) {
    throw shellRefusal(thrown, 'host.not_written');
  }
}

function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the bytes after the click returns.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 60_000);
}
