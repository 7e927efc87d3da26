import type { HostContext } from './bridge.ts';

/** Takes on the host's colours, fonts and light or dark; what it does not say stays with our own. */
export function useTheme({ theme, styles, safeAreaInsets }: HostContext): void {
  const { style } = document.documentElement;
  // Without it, the iframe's backdrop would turn opaque in the other scheme.
  style.colorScheme = theme === 'light' || theme === 'dark' ? theme : 'light dark';
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (/^--[\w-]+$/.test(name) && typeof value === 'string') style.setProperty(name, value);
  }
  for (const side of ['top', 'right', 'bottom', 'left'] as const) {
    const inset = safeAreaInsets?.[side];
    style.setProperty(`--inset-${side}`, `${typeof inset === 'number' && inset > 0 ? inset : 0}px`);
  }
  const fonts = styles?.css?.fonts;
  if (typeof fonts !== 'string') return;
  const sheet = document.getElementById('fonts') ?? document.createElement('style');
  sheet.id = 'fonts';
  sheet.textContent = fonts;
  document.head.append(sheet);
}

/** Reports the size of the document whenever it changes. CSS pixels. */
export function followSize(root: HTMLElement, report: (width: number, height: number) => void): void {
  let last = '';
  const measure = () => {
    const { width, height } = root.getBoundingClientRect();
    const size = [Math.ceil(width), Math.ceil(height)] as const;
    if (size.join() === last) return;
    last = size.join();
    report(...size);
  };
  new ResizeObserver(measure).observe(root);
}
