variable "project_id" {
  description = "Google Cloud project id."
  type        = string
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
