import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** Folders that a layer may not reach into: the direction is routes → components → lib. */
const closed = (patterns, message) => ({
  'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }],
});

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/paraglide', 'src/lib/api/generated'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true, named: true } }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // The hash router's own href() writes every address.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: { 'no-restricted-exports': 'off' },
  },
  { files: ['*.config.{js,ts}'], rules: { 'no-restricted-exports': 'off' } },
  {
    files: ['src/lib/**'],
    ignores: ['src/lib/api/**', 'src/lib/host/**'],
    rules: closed(
      ['$components/*', '$routes/*', '@tauri-apps/*'],
      'lib knows no markup and reaches the shell only through lib/api and lib/host.',
    ),
  },
  {
    files: ['src/lib/api/**', 'src/lib/host/**'],
    rules: closed(['$components/*', '$routes/*'], 'lib knows no markup.'),
  },
  {
    files: ['src/components/shared/**'],
    rules: closed(
      [
        '$components/visit/*',
        '$components/sync/*',
        '$components/device/*',
        '$components/visits/*',
        '$components/portal/*',
        '$components/portal-admin/*',
        '$components/portal-review/*',
        '$components/portal-committee/*',
        '$components/portal-centre/*',
        '$components/portal-appeals/*',
        '$routes/*',
        '$lib/api/*',
        '$lib/visit/*',
        '$lib/portal/*',
        '$lib/admin/*',
        '$lib/review/*',
        '$lib/committee/*',
        '$lib/replies/*',
        '@tauri-apps/*',
      ],
      'Shared components know no domain.',
    ),
  },
  {
    files: ['src/components/{visit,visits,sync,device,portal,portal-*}/**'],
    rules: closed(['$routes/*', '@tauri-apps/*'], 'Components know neither routes nor the shell.'),
  },
  {
    files: ['src/routes/**', 'src/App.svelte'],
    rules: closed(['@tauri-apps/*'], 'The shell is reached through lib/api and lib/host.'),
  },
);
