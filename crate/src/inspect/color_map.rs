/// How values become colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorMap {
    /// Dark blue to yellow (S. van der Walt and N. Smith, CC0).
    Viridis,
    /// Black over violet to pale yellow (the same authors, CC0).
    #[default]
    Magma,
    /// Black to white.
    Grey,
    /// Blue below the middle, orange above.
    Diverging,
}

const VIRIDIS: [u32; 10] = [
    0x44_01_54, 0x48_28_78, 0x3e_49_89, 0x31_68_8e, 0x26_82_8e, 0x1f_9e_89, 0x35_b7_79, 0x6e_ce_58, 0xb5_de_2b,
    0xfd_e7_25,
];
const MAGMA: [u32; 10] = [
    0x00_00_04, 0x18_0f_3d, 0x44_0f_76, 0x72_1f_81, 0x9e_2f_7f, 0xcd_40_71, 0xf1_60_5d, 0xfd_96_68, 0xfe_ca_8d,
    0xfc_fd_bf,
];
const GREY: [u32; 2] = [0x00_00_00, 0xff_ff_ff];
const DIVERGING: [u32; 9] =
    [0x08_40_7e, 0x2f_79_b5, 0x86_b9_d9, 0xd8_e6_ef, 0xf5_f4_f1, 0xf6_dc_c3, 0xed_a5_6b, 0xcc_64_17, 0x7f_33_00];

impl ColorMap {
    /// The colour at `at`, from 0 to 1: the nearest of 256; what lies outside is clipped, and what is not a number is the lowest colour.
    pub fn color(self, at: f32) -> [u8; 3] {
        let points: &[u32] = match self {
            Self::Viridis => &VIRIDIS,
            Self::Magma => &MAGMA,
            Self::Grey => &GREY,
            Self::Diverging => &DIVERGING,
        };
        // A cast takes what is not a number for zero.
        let place = (at * 255.0 + 0.5).clamp(0.0, 255.0) as usize * (points.len() - 1);
        let low = (place / 255).min(points.len() - 2);
        let part = (place - low * 255) as u32;
        let channel = |shift: u32| {
            let [from, to] = [points[low], points[low + 1]].map(|point| point >> shift & 255);
            ((from * (255 - part) + to * part + 127) / 255) as u8
        };
        [channel(16), channel(8), channel(0)]
    }
}
