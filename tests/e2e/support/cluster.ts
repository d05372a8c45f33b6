// Starts the PostgreSQL server that tests share, for as long as they run.

import { CLUSTER, Program } from './processes.mjs';

export default async function start(): Promise<() => Promise<void>> {
  const program = new Program(CLUSTER, []);
  process.env.MIZAN_E2E_CLUSTER = await program.line();
  return () => program.kill();
}
