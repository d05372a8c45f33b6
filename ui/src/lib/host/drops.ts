// Files dropped on the window. WebKitGTK keeps HTML5 drops from the page, so the shell tells of them.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import { shellRefusal } from '$lib/api/error';
import { inWindow } from '$lib/api/tauri';

export interface DroppedFile {
  id: string;
  name: string;
  bytes: number;
}

export interface FileDrop {
  phase: 'over' | 'drop' | 'leave';
  /** CSS pixels in the window, for `document.elementFromPoint`. */
  x: number;
  y: number;
  /** Filled for `drop` alone. */
  files: DroppedFile[];
}

/** Listens in the window; in a browser there is nothing to hear and HTML5 drops work instead. */
export function onFileDrop(heard: (drop: FileDrop) => void): () => void {
  if (!inWindow()) return () => undefined;
  let stopped = false;
  let stop: (() => void) | undefined;
  void listen<FileDrop>('file-drop', (event) => {
    heard(event.payload);
  }).then((unlisten) => {
    if (stopped) unlisten();
    else stop = unlisten;
  });
  return () => {
    stopped = true;
    stop?.();
  };
}

/** The bytes of a file of the last drop. */
export async function readDropped(file: DroppedFile): Promise<File> {
  try {
    const headers = { file: file.id };
    const bytes = await invoke<ArrayBuffer | number[]>('dropped_file', new Uint8Array(), {
      headers,
    });
    return new File([new Uint8Array(bytes)], file.name);
  } catch (thrown) {
    throw shellRefusal(thrown, 'host.not_read');
  }
}
