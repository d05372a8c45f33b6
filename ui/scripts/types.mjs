// The UI's types of both APIs, from their committed descriptions; `--check` only compares.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const APIS = [
  ['../crates/device/openapi.json', 'src/lib/api/generated/device.ts'],
  ['../crates/server/openapi.json', 'src/lib/api/generated/central.ts'],
];
for (const [description, types] of APIS) {
  const args = ['openapi-typescript', description, '-o', types, ...process.argv.slice(2)];
  const { status } = spawnSync('npx', ['--no-install', ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
