import { twoLanguages } from './support/projects.ts';

export default twoLanguages({
  testDir: 'browser',
  outputDir: 'results',
  fullyParallel: true,
  workers: 2,
  // A machine that does other things too may be slow once; what fails twice fails.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
});
