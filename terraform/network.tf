# The VPC network, in which the database has its only IP address. With var.network it is somebody else's, and all of this is
# expected to be there: a range peered for Google's services, and a subnetwork with Private Google Access.

locals {
  network    = coalesce(var.network, one(google_compute_network.main[*].id))
  subnetwork = coalesce(var.subnetwork, one(google_compute_subnetwork.run[*].id))
}

resource "google_compute_network" "main" {
  count = var.network == null ? 1 : 0

  name                    = var.name
  auto_create_subnetworks = false

  depends_on = [google_project_service.enabled]
}

# Cloud Run instances take their IP addresses from here: up to four each.
resource "google_compute_subnetwork" "run" {
  count = var.network == null ? 1 : 0

  name                     = "${var.name}-run"
  network                  = google_compute_network.main[0].id
  region                   = var.region
  ip_cidr_range            = var.subnet_range
  private_ip_google_access = true
}

# Cloud SQL runs in a Google-managed network that is peered with this one.
resource "google_compute_global_address" "services" {
  count = var.network == null ? 1 : 0

  name          = "${var.name}-services"
  network       = google_compute_network.main[0].id
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
}

resource "google_service_networking_connection" "services" {
  count = var.network == null ? 1 : 0

  network                 = google_compute_network.main[0].id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services[0].name]
  # Google refuses to remove the peering for some days after the last instance was deleted.
  deletion_policy = "ABANDON"
}
