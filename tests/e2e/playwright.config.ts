import { twoLanguages } from './support/projects.ts';

export default twoLanguages({
  testDir: 'browser',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
});
