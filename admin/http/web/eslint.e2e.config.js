// The console's tests in a real browser lie outside this folder: run from the project's root, with this
// file as --config (package.json, "lint").
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/node_modules'] },
  ...tseslint.configs.strictTypeChecked.map((one) => ({ ...one, files: ['tests/e2e/**/*.ts'] })),
  {
    files: ['tests/e2e/**/*.ts'],
    languageOptions: {
      parserOptions: { project: 'tsconfig.e2e.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
);
