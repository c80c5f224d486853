export const glyphs = [];
