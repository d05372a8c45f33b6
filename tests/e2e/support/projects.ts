// The two browsers the tests run in: one that speaks Arabic, one that speaks English.

import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';

interface Options {
  language: 'ar' | 'en';
}

const use: PlaywrightTestConfig['use'] = {
  headless: true,
  viewport: { width: 1280, height: 860 },
  colorScheme: 'light',
  screenshot: 'only-on-failure',
  trace: 'off',
  launchOptions: {
    executablePath: process.env.MIZAN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  },
};

/** A configuration with the two projects and what it says itself. */
export function twoLanguages(config: PlaywrightTestConfig, timezoneId = 'Asia/Bahrain') {
  return defineConfig<object, Options>({
    ...config,
    forbidOnly: true,
    reporter: [['list']],
    use: { ...use, timezoneId },
    projects: [
      { name: 'ar', use: { locale: 'ar-BH', language: 'ar' } },
      { name: 'en', use: { locale: 'en-GB', language: 'en' } },
    ],
  });
}
