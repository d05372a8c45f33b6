// A visit's work done through the device's API, for tests that begin where the work ends.

import type { Device } from './device.ts';

export const NOTES = { A2: 'اللوحة محجوبة', B3: 'ثلاثة منافذ من أربعة' };

/** Every answer of the small rubric in person, with its notes; the files go to A1. */
export async function completeVisit(device: Device, visit: string, files: Buffer[]): Promise<void> {
  await device.accept(visit);
  const given = {
    A1: { value: true },
    A2: { value: 'partly', note: NOTES.A2 },
    A3: { value: 5 },
    A4: { value: true },
    B1: { value: '8' },
    B2: { value: '12' },
    B3: { value: '75', note: NOTES.B3 },
    B4: { value: 'leading' },
    B5: { na: 'لا تُعرض بيانات' },
  };
  for (const [criterion, answer] of Object.entries(given)) {
    await device.answer(visit, criterion, answer);
  }
  for (const file of files) await device.attach(visit, 'A1', 'photo', file);
}
