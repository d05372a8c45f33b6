import { twoLanguages } from '../support/projects.ts';

export default twoLanguages(
  {
    testDir: '.',
    outputDir: '../results',
    fullyParallel: true,
    workers: 2,
    timeout: 180_000,
    expect: { timeout: 15_000 },
  },
  whereItIsMorning(),
);

/** A zone in which centres are open now, whenever the pictures are taken. */
function whereItIsMorning(): string {
  const hours = 9 - new Date().getUTCHours();
  const east = hours < -11 ? hours + 24 : hours;
  // These zones count westward.
  return east === 0 ? 'Etc/GMT' : `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;
}
