//! What is reported beside a bar, and whether each bar holds.

/// One measurement, which reports to the bars.
pub(crate) type Measure = fn(&mut Bars);

#[derive(Default)]
pub(crate) struct Bars {
    pub(crate) missed: usize,
}

impl Bars {
    pub(crate) fn at_most(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.report(what, value, &format!("at most {bar} {unit}"), unit, value <= bar);
    }

    pub(crate) fn at_least(&mut self, what: &str, value: f64, bar: f64, unit: &str) {
        self.report(what, value, &format!("at least {bar} {unit}"), unit, value >= bar);
    }

    fn report(&mut self, what: &str, value: f64, bar: &str, unit: &str, holds: bool) {
        let verdict = if holds { "ok" } else { "MISSED" };
        println!("  {what:<34} {value:>9.2} {unit:<9} bar: {bar:<22} {verdict}");
        self.missed += usize::from(!holds);
    }
}
