import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// White text on 6 has a contrast of 5.6 : 1.
const water: MantineColorsTuple = [
  '#e3fafc',
  '#c5f1f6',
  '#99e0e9',
  '#66cbd8',
  '#3bb3c4',
  '#1b97aa',
  '#0b7285',
  '#095f6f',
  '#074c59',
  '#053a44',
];

export const theme = createTheme({
  colors: { water },
  primaryColor: 'water',
  primaryShade: 6,
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'sm',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
});

// Text that is less than the rest must still be read: 4.5 : 1 at least (WCAG 1.4.3), on cards too.
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#6a7178',
    '--mantine-color-error': '#c92a2a',
  },
  dark: {
    '--mantine-color-dimmed': '#a9aeb4',
    '--mantine-color-placeholder': '#949aa1',
    '--mantine-color-anchor': '#66cbd8',
    '--mantine-color-error': '#ff8787',
  },
});
