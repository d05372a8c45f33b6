import { twoLanguages } from './support/projects.ts';

export default twoLanguages({
  testDir: 'browser',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  // What is lost once is lost: nothing here may fail and then count as passed.
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
});
