/** Desktop and phone width, light and dark: how pages are looked at. */
export const LOOKS = {
  "desktop-light": { viewport: { width: 1180, height: 800 }, colorScheme: "light" },
  "desktop-dark": { viewport: { width: 1180, height: 800 }, colorScheme: "dark" },
  "phone-light": { viewport: { width: 390, height: 844 }, colorScheme: "light" },
  "phone-dark": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
} as const;
