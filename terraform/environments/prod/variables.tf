variable "alert_email" {
  description = "E-mail address that receives alerts; null creates no alerts."
  type        = string
}

variable "billing_account" {
  description = "Billing account of the budget; null, with budget_units, for none."
  type        = string
  default     = null
}

variable "budget_units" {
  description = "Expected monthly cost in the currency of the billing account; null for no budget."
  type        = number
  default     = null
}

variable "project_id" {
  description = "Google Cloud project id."
  type        = string
}

variable "public_url" {
  description = "Public URL of web when a domain is mapped to it; null uses Cloud Run's URL."
  type        = string
  default     = null
}

variable "region" {
  description = "Region of all resources."
  type        = string
}

variable "web_public" {
  description = "false where the organisation forbids services that anyone may call."
  type        = bool
  default     = true
}
