import { createTheme, type MantineColorsTuple } from '@mantine/core';

// One blue, as of the mark; everything else is grey unless it says something.
const skein: MantineColorsTuple = [
  '#edf4fc',
  '#d9e6f5',
  '#b0cbea',
  '#84aedf',
  '#6096d6',
  '#4a87d0',
  '#3d7fce',
  '#2f6db7',
  '#1f5f9f',
  '#155289',
];

// Mantine's, but for the last three: white on them can be read in both themes.
const red: MantineColorsTuple = [
  '#fff5f5',
  '#ffe3e3',
  '#ffc9c9',
  '#ffa8a8',
  '#ff8787',
  '#ff6b6b',
  '#fa5252',
  '#c92a2a',
  '#c92a2a',
  '#b02525',
];

export const theme = createTheme({
  primaryColor: 'skein',
  primaryShade: { light: 8, dark: 7 },
  colors: { skein, red },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", monospace',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.1rem', lineHeight: '1.4' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } }, // what is in a menu is its items
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Modal: { defaultProps: { centered: true, closeButtonProps: { 'aria-label': 'Close' }, styles: { title: { fontWeight: 600 } } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, styles: { title: { fontWeight: 600 } } } },
  },
});
