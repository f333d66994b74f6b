//! Identicons: a small picture for each commenter, drawn from the name alone.

use std::fmt::Write as _;

use crate::source::Fingerprint;

/// Rows, and cells in each.
const SIDE: usize = 5;
/// The columns that are drawn; the others mirror them.
const DRAWN: usize = SIDE.div_ceil(2);

/// The rectangles of a row by which of its drawn columns are filled, the first one in the lowest bit: where each begins, and
/// its path from there. A run of cells is one rectangle. The picture has a rim of one cell.
const ROWS: [&[(&str, &str)]; 1 << DRAWN] = [
    &[],
    &[("M1 ", "h1v1h-1z"), ("M5 ", "h1v1h-1z")],
    &[("M2 ", "h1v1h-1z"), ("M4 ", "h1v1h-1z")],
    &[("M1 ", "h2v1h-2z"), ("M4 ", "h2v1h-2z")],
    &[("M3 ", "h1v1h-1z")],
    &[("M1 ", "h1v1h-1z"), ("M3 ", "h1v1h-1z"), ("M5 ", "h1v1h-1z")],
    &[("M2 ", "h3v1h-3z")],
    &[("M1 ", "h5v1h-5z")],
];
const ROW_NAMES: [&str; SIDE] = ["1", "2", "3", "4", "5"];

/// A picture for a seed (a name, say) as inline SVG: a pattern that is its own mirror image, in one colour, on a pale
/// ground of the text's colour. The same seed gives the same picture in every build, and nothing of the seed can be
/// read in it.
///
/// It says nothing that the name beside it does not say, so it is hidden from screen readers.
pub fn identicon(seed: &str) -> String {
    let mut chance = HashNumbers(Fingerprint::of(seed.as_bytes()).0);
    // Hues by steps, so that two that differ can be told apart. Middling lightness shows on dark and on light.
    let hue = chance.below(24) * 15;
    let saturation = 40 + chance.below(3) * 10;
    let lightness = 46 + chance.below(3) * 5;
    let mut filled = [0; SIDE];
    // Too few cells are no pattern, and too many are a block.
    let mut left = 6 + chance.below(4);
    let cells = SIDE * DRAWN;
    for cell in 0..cells {
        if chance.below((cells - cell) as u32) < left {
            filled[cell / DRAWN] |= 1 << (cell % DRAWN);
            left -= 1;
        }
    }

    let mut svg = String::with_capacity(512);
    svg.push_str(
        "<svg class=\"identicon\" viewBox=\"0 0 7 7\" width=\"42\" height=\"42\" aria-hidden=\"true\" focusable=\"false\">\
         <rect width=\"7\" height=\"7\" rx=\".8\" fill=\"currentColor\" opacity=\".08\"/><path fill=\"",
    );
    let _ = write!(svg, "hsl({hue} {saturation}% {lightness}%)");
    svg.push_str("\" d=\"");
    for (row, columns) in ROW_NAMES.into_iter().zip(filled) {
        for (start, rectangle) in ROWS[columns] {
            for piece in [start, row, rectangle] {
                svg.push_str(piece);
            }
        }
    }
    svg.push_str("\"/></svg>");
    svg
}

/// Numbers out of a hash.
struct HashNumbers(u128);

impl HashNumbers {
    fn below(&mut self, end: u32) -> u32 {
        let end = u128::from(end.max(1));
        let rest = self.0 / end;
        let number = self.0 - rest * end;
        self.0 = rest;
        u32::try_from(number).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn one_name_has_one_picture() {
        assert_eq!(identicon("Jo Field"), identicon("Jo Field"));
        let pictures: HashSet<String> = (0..1000).map(|n| identicon(&format!("reader {n}"))).collect();
        assert!(pictures.len() > 990, "only {} pictures for 1000 readers", pictures.len());
    }

    #[test]
    fn the_picture_is_small_and_shows_nothing_of_the_name() {
        for seed in ["", "Jo", "<script>alert(1)</script>", "\"onload=\"x", "żółć 🦀", &"long ".repeat(10_000)] {
            let svg = identicon(seed);
            assert!(svg.len() < 700, "{} bytes", svg.len());
            assert!(svg.starts_with("<svg class=\"identicon\"") && svg.contains("aria-hidden=\"true\""), "{svg}");
            assert!(!svg.contains("script") && !svg.contains("onload") && !svg.contains(" id="), "{svg}");
            assert!(svg.is_ascii());
        }
    }

    #[test]
    fn the_picture_is_its_own_mirror_image() {
        for n in 0..200 {
            let svg = identicon(&n.to_string());
            let path = svg.rsplit_once(" d=\"").and_then(|(_, rest)| rest.split('"').next()).expect("a path");
            let mut cells = HashSet::new();
            for run in path.split('M').skip(1) {
                let numbers: Vec<u32> =
                    run.split([' ', 'h', 'v']).take(3).map(|n| n.parse().expect("a number")).collect();
                cells.extend((numbers[0]..numbers[0] + numbers[2]).map(|x| (x, numbers[1])));
            }
            assert!((6..=18).contains(&cells.len()), "{n}: {} cells", cells.len());
            assert!(cells.iter().all(|(x, y)| cells.contains(&(6 - x, *y))), "{n}: {svg}");
            assert!(cells.iter().all(|(x, y)| (1..=5).contains(x) && (1..=5).contains(y)), "{n}: {svg}");
        }
    }
}
