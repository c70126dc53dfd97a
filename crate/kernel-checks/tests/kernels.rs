//! Every check on this machine's own instruction sets, each time on other cases.
#![allow(clippy::unwrap_used, clippy::panic)]

use inception_kernel_checks::{CHECKS, run};

/// Miri takes a minute for each.
const CASES: u32 = if cfg!(miri) { 2 } else { 300 };

macro_rules! every_check {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name), CASES, None).unwrap_or_else(|failure| panic!("{failure}"));
            }
        )*

        #[test]
        fn every_check_is_run() {
            assert_eq!(CHECKS.map(|check| check.name), [$(stringify!($name)),*]);
        }
    };
}

every_check!(convolutions, transformed_convolutions, pools, global_average, lrn, linear);
