//! Which way each kind of wave takes: as predicted, or as it was measured on the device.

use super::tiles::{Product, Way, predicted, ways};

/// Ways by the sizes of a wave's products.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tuning {
    measured: Vec<(String, usize)>,
}

/// What of another way's time a way has to take at most to be taken instead of the predicted one: clocks are coarse.
const FASTER: f64 = 0.97;

impl Tuning {
    /// Reads what [`Tuning::text`] wrote; leaves out what it does not understand.
    pub fn read(text: &str) -> Self {
        let entry =
            |entry: &str| entry.split_once('=').and_then(|(key, way)| Some((key.to_owned(), way.parse().ok()?)));
        Self { measured: text.split(';').filter_map(entry).collect() }
    }

    /// All that was measured, as text.
    pub fn text(&self) -> String {
        let entries: Vec<String> = self.measured.iter().map(|(key, way)| format!("{key}={way}")).collect();
        entries.join(";")
    }

    /// Whether the ways of a wave have been measured; `half` for weights of f16, which are read in half the time.
    pub fn knows(&self, products: &[Product], half: bool) -> bool {
        self.measured_way(products, half).is_some()
    }

    /// None of what another version of the engine has kept and this one does not have.
    fn measured_way(&self, products: &[Product], half: bool) -> Option<usize> {
        let key = key(products, half);
        let measured = self.measured.iter().rfind(|(other, _)| *other == key).map(|(_, way)| *way);
        measured.filter(|&way| way < ways(products).len())
    }

    /// The way of a wave.
    pub fn way(&self, products: &[Product], half: bool) -> Way {
        let mut ways = ways(products);
        let chosen = self.measured_way(products, half).unwrap_or_else(|| predicted(products, &ways));
        ways.swap_remove(chosen)
    }

    /// Takes what each way of a wave took; says whether it now takes another than the predicted one.
    pub fn take(&mut self, products: &[Product], half: bool, times: &[f64]) -> bool {
        let usual = predicted(products, &ways(products));
        let best = (0..times.len()).min_by(|&a, &b| times[a].total_cmp(&times[b])).unwrap_or(usual);
        let is_faster = times.get(usual).is_none_or(|&usual| times[best] < FASTER * usual);
        let chosen = if is_faster { best } else { usual };
        let key = key(products, half);
        self.measured.retain(|(other, _)| *other != key);
        self.measured.push((key, chosen));
        chosen != usual
    }
}

fn key(products: &[Product], half: bool) -> String {
    let size = |&Product { pixels, quads, depth, pooled, patches }: &Product| {
        let size = format!("{pixels}.{quads}.{depth}.{pooled}");
        // Of each row of Winograd's form there are as many as of the others that it can go.
        patches.iter().find(|&&patches| patches > 0).map_or(size.clone(), |patches| format!("{size}.{patches}"))
    };
    let sizes = products.iter().map(size).collect::<Vec<_>>().join("+");
    if half { format!("{sizes}h") } else { sizes }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAVE: [Product; 2] = [
        Product { pixels: 289, quads: 48, depth: 336, pooled: 1, patches: [0; 3] },
        Product { pixels: 289, quads: 40, depth: 280, pooled: 9, patches: [0; 3] },
    ];

    #[test]
    fn takes_the_fastest_way_and_keeps_the_predicted_one_in_a_near_tie() {
        let ways = ways(&WAVE);
        let usual = predicted(&WAVE, &ways);
        let other = (usual + 1) % ways.len();
        let mut times = vec![2.0; ways.len()];
        let mut tuning = Tuning::default();
        times[other] = 1.96;
        assert!(!tuning.take(&WAVE, false, &times));
        assert_eq!(tuning.way(&WAVE, false), ways[usual]);
        times[other] = 1.0;
        assert!(tuning.take(&WAVE, false, &times));
        assert_eq!(tuning.way(&WAVE, false), ways[other]);
        assert_eq!(
            tuning.way(&WAVE[..1], false),
            Tuning::default().way(&WAVE[..1], false),
            "another wave is as predicted"
        );
        assert_eq!(tuning.way(&WAVE, true), Tuning::default().way(&WAVE, true), "so are weights of f16");
        assert!(tuning.take(&WAVE, true, &times));
        assert_eq!(Tuning::read(&tuning.text()), tuning);
    }

    #[test]
    fn leaves_out_what_it_does_not_understand() {
        let text = "289.48.336.1+289.40.280.9=999;nonsense;a=b;=;;289.48.336.1=1";
        let tuning = Tuning::read(text);
        assert_eq!(tuning.way(&WAVE, false), Tuning::default().way(&WAVE, false));
        assert!(!tuning.knows(&WAVE, false), "so that it is measured again");
        assert_eq!(tuning.way(&WAVE[..1], false), ways(&WAVE[..1])[1]);
    }
}
