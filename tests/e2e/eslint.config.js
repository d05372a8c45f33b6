import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['node_modules', 'results'] },
  js.configs.recommended,
  ...ts.configs.strict,
  prettier,
  {
    files: ['**/*.ts', 'support/*.mjs'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'no-undef': 'off',
      // A forgotten await lets a test pass before it has looked.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // Fixtures that need nothing still take `{}`: Playwright reads their parameters.
      'no-empty-pattern': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
    },
  },
  {
    // Programs of Node that send functions into a page; no compiler reads them.
    files: ['window/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
  {
    files: ['uploads/*.mjs', 'api/*.mjs', 'portal/*.mjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['browser/keyboard*.spec.ts'],
    rules: {
      // The point of these files: whoever has no mouse makes the whole visit.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[property.name=/^(mouse|click|dblclick|tap|hover|dragTo|check|uncheck|fill|setChecked|selectOption|touchscreen|dispatchEvent)$/]',
          message: 'This file works by keyboard alone.',
        },
      ],
    },
  },
);
