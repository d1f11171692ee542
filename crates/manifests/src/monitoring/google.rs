//! The dashboard of Cloud Monitoring, in the component `monitoring-google`.

use std::fs;

use serde::Deserialize;
use serde_json::Value;

use crate::rendering::K8S;

/// A dashboard of Cloud Monitoring.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GoogleDashboard {
    /// Its title.
    pub display_name: String,
    /// Its tiles.
    pub mosaic_layout: Mosaic,
}

/// Tiles in a grid.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mosaic {
    /// The columns of the grid.
    pub columns: u32,
    /// Its tiles.
    pub tiles: Vec<Tile>,
}

/// A widget and its place.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tile {
    /// The first column.
    #[serde(default)]
    pub x_pos: u32,
    /// The first line.
    #[serde(default)]
    pub y_pos: u32,
    /// Columns.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// What it shows.
    pub widget: Widget,
}

/// A chart.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Widget {
    /// Its title.
    pub title: String,
    /// Its data.
    pub xy_chart: Value,
}

impl GoogleDashboard {
    /// Reads the dashboard.
    ///
    /// # Panics
    /// If the file does not parse.
    #[must_use]
    pub fn read() -> Self {
        let path = format!("{K8S}/components/monitoring-google/dashboard.json");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The title and expression of each query.
    ///
    /// # Panics
    /// If a chart has another form.
    #[must_use]
    pub fn queries(&self) -> Vec<(String, String)> {
        let of_tile = |tile: &Tile| {
            let sets = tile.widget.xy_chart["dataSets"].as_array();
            let sets = sets.unwrap_or_else(|| panic!("no dataSets in {}", tile.widget.title));
            let query = |set: &Value| {
                let query = set["timeSeriesQuery"]["prometheusQuery"].as_str();
                let query = query.unwrap_or_else(|| panic!("no query in {}", tile.widget.title));
                (tile.widget.title.clone(), query.to_owned())
            };
            sets.iter().map(query).collect::<Vec<_>>()
        };
        self.mosaic_layout.tiles.iter().flat_map(of_tile).collect()
    }
}
