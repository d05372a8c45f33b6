import { fileURLToPath } from 'node:url';

import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [
    // Under test the messages are compiled beforehand: the plugin's watcher would outlive the run.
    ...(process.env.VITEST
      ? []
      : [
          paraglideVitePlugin({
            project: './project.inlang',
            outdir: './src/paraglide',
            // The language is a setting of the device, not of the address or a cookie.
            strategy: ['globalVariable', 'baseLocale'],
          }),
        ]),
    svelte(),
  ],
  resolve: {
    alias: {
      $lib: folder('./src/lib'),
      $components: folder('./src/components'),
      $routes: folder('./src/routes'),
      $paraglide: folder('./src/paraglide'),
    },
    // Component code under test must be the browser's, not the server's.
    ...(process.env.VITEST ? { conditions: ['browser'] } : {}),
  },
  build: {
    target: ['es2022', 'safari16', 'chrome110'],
    // A font inlined as a data: address is refused by the content security policy.
    assetsInlineLimit: 0,
    // Two pages of one build: the evaluator's, and the portal's.
    rolldownOptions: { input: { index: 'index.html', portal: 'portal.html' } },
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api/device': process.env.MIZAN_DEVICE ?? 'http://127.0.0.1:8181',
      '/api': process.env.MIZAN_SERVER ?? 'http://127.0.0.1:8080',
    },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts'],
  },
});
