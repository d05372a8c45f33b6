// The portal over the real `mizan serve`: `npm run portal`. In Arabic on the embedded engine, in English on
// PostgreSQL.
import { twoLanguages } from './support/projects.ts';

export default twoLanguages({
  testDir: 'portal',
  globalSetup: './support/cluster.ts',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
});
