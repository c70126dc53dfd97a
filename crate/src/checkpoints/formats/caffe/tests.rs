//! Nets put together by hand: no framework that writes them is at hand.
