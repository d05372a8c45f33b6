import { twoLanguages } from '../support/projects.ts';

export default twoLanguages({
  testDir: '.',
  outputDir: '../results',
  fullyParallel: true,
  workers: 2,
  timeout: 180_000,
  expect: { timeout: 15_000 },
});
