// The portal over the real `mizan serve`: `npm run portal`. On PostgreSQL with MIZAN_E2E_POSTGRES set.
import { twoLanguages } from './support/projects.ts';

export default twoLanguages({
  testDir: 'portal',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
});
