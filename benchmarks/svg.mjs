// What every chart is made of.

/** A white page with these parts on it. */
export function page(width, height, parts) {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n'
  ].join('\n')
}

/** A square of a colour and what it stands for, beside it. */
export function legendEntry(x, colour, title) {
  return `<rect x="${x}" y="12" width="12" height="12" fill="${colour}"/>\n${text(x + 18, 22, title)}`
}

export function text(x, y, content, attributes = '') {
  const escaped = `${content}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<text x="${x}" y="${y}" fill="#222"${attributes && ` ${attributes}`}>${escaped}</text>`
}
