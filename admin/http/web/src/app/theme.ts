import { createTheme, type MantineColorsTuple } from '@mantine/core';

// Contrast of text on 6 and 7 is at least 4.5 : 1 in both schemes.
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
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'sm',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
});
