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

// Mantine's own is too light on 6 for white text.
const red: MantineColorsTuple = [
  '#fff5f5',
  '#ffe3e3',
  '#ffc9c9',
  '#ffa8a8',
  '#ff8787',
  '#f05252',
  '#c92a2a',
  '#b02525',
  '#9c2020',
  '#861b1b',
];

export const theme = createTheme({
  colors: { water, red },
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
  components: {
    Badge: { defaultProps: { tt: 'none' } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
  },
});

// The ground of badges, alerts and what is chosen: the colour is told, and shouts at nobody.
const grounds: Record<string, string> = {
  teal: '18, 184, 134',
  orange: '253, 126, 20',
  yellow: '250, 176, 5',
  red: '250, 82, 82',
  blue: '34, 139, 230',
  cyan: '21, 170, 191',
  grape: '190, 75, 219',
  gray: '134, 142, 150',
  water: '27, 151, 170',
};
const tints = (usual: number, hover: number): Record<string, string> =>
  Object.fromEntries(
    Object.entries(grounds).flatMap(([name, rgb]) => [
      [`--mantine-color-${name}-light`, `rgba(${rgb}, ${usual})`],
      [`--mantine-color-${name}-light-hover`, `rgba(${rgb}, ${hover})`],
    ]),
  );

// Text that is less than the rest must still be read: 4.5 : 1 at least (WCAG 1.4.3), on cards too.
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...tints(0.13, 0.2),
    '--focus': '#0b7285',
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-placeholder': '#6a7178',
    '--mantine-color-error': '#c92a2a',
    // Text of badges and alerts on their own tint.
    '--mantine-color-teal-light-color': '#076448',
    '--mantine-color-orange-light-color': '#9a3412',
    '--mantine-color-yellow-light-color': '#7a4300',
    '--mantine-color-red-light-color': '#b02525',
    '--mantine-color-blue-light-color': '#155a99',
    '--mantine-color-cyan-light-color': '#0a6071',
    '--mantine-color-grape-light-color': '#862e9c',
    '--mantine-color-gray-light-color': '#495057',
    '--mantine-color-water-light-color': '#095f6f',
  },
  dark: {
    ...tints(0.16, 0.24),
    '--focus': '#66cbd8',
    '--mantine-color-dimmed': '#a9aeb4',
    '--mantine-color-placeholder': '#949aa1',
    '--mantine-color-anchor': '#66cbd8',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-teal-light-color': '#63e6be',
    '--mantine-color-orange-light-color': '#ffc078',
    '--mantine-color-yellow-light-color': '#ffe066',
    '--mantine-color-red-light-color': '#ffa8a8',
    '--mantine-color-blue-light-color': '#a5d8ff',
    '--mantine-color-cyan-light-color': '#99e9f2',
    '--mantine-color-grape-light-color': '#eebefa',
    '--mantine-color-gray-light-color': '#ced4da',
    '--mantine-color-water-light-color': '#99e0e9',
  },
});
