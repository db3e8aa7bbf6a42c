# Judges the same weeks of the same series by the R package surveillance, through its public
# functions; asked by bench/detectors.py, which gives the folder. Reads the name of a method a line,
# answers with the seconds that it took.
suppressWarnings(suppressPackageStartupMessages(library(surveillance)))
options(warn = -1)
folder <- commandArgs(trailingOnly = TRUE)[1]
counts <- as.matrix(read.csv(file.path(folder, "counts.csv"), header = FALSE))
totals <- as.matrix(read.csv(file.path(folder, "totals.csv"), header = FALSE))
weeks <- scan(file.path(folder, "weeks.csv"), quiet = TRUE)
one <- function(place) sts(observed = counts[, place], frequency = 52, start = c(2001, 1))
each <- function(judge) for (place in seq_len(ncol(counts))) judge(one(place))
ears <- function(method) {
  each(function(s) earsC(s, control = list(range = weeks, method = method, alpha = 0.001)))
}
flexible <- function(threshold) {
  control <- list(range = weeks, b = 5, w = 3, noPeriods = 10, weightsThreshold = 2.58,
                  pastWeeksNotIncluded = 26, pThresholdTrend = 1, thresholdMethod = threshold,
                  alpha = 0.005, limit54 = c(5, 4), glmWarnings = FALSE)
  each(function(s) farringtonFlexible(s, control = control))
}
two <- function(y, size, mu, log) {
  if (is.null(dim(y))) y <- matrix(y, nrow = 2)
  if (is.null(dim(mu))) mu <- matrix(mu, nrow = 2)
  sapply(seq_len(ncol(y)), function(t) dmultinom(y[, t], prob = mu[, t], log = log))
}
binomial <- function() {
  for (place in seq_len(ncol(counts))) {
    s <- sts(observed = cbind(counts[, place], totals[, place] - counts[, place]),
             population = cbind(totals[, place], totals[, place]), multinomialTS = TRUE,
             frequency = 52, start = c(2001, 1))
    before <- seq_len(weeks[1] - 1)
    p0 <- sum(counts[before, place]) / sum(totals[before, place])
    p1 <- 1.5 * p0 / (1 - p0 + 1.5 * p0)
    pi0 <- matrix(c(p0, 1 - p0), 2, length(weeks))
    pi1 <- matrix(c(p1, 1 - p1), 2, length(weeks))
    categoricalCUSUM(s, control = list(range = weeks, h = 5, pi0 = pi0, pi1 = pi1, dfun = two,
                                       ret = "value"))
  }
}
methods <- list(
  "EARS C1" = function() ears("C1"), "EARS C2" = function() ears("C2"),
  "EARS C3" = function() ears("C3"),
  "Farrington flexible, nbPlugin" = function() flexible("nbPlugin"),
  "Farrington flexible, delta" = function() flexible("delta"),
  "Farrington" = function() each(function(s) farrington(s, control = list(
    range = weeks, b = 5, w = 3, alpha = 0.01, reweight = TRUE, trend = TRUE))),
  "CUSUM, rossi" = function() each(function(s) cusum(s, control = list(
    range = weeks, k = 1.04, h = 2.26, m = NULL, trans = "rossi"))),
  "Bayes" = function() each(function(s) bayes(s, control = list(
    range = weeks, b = 2, w = 6, alpha = 0.05, actY = TRUE))),
  "RKI" = function() each(function(s) rki(s, control = list(
    range = weeks, b = 2, w = 6, actY = TRUE))),
  "binomial CUSUM" = binomial
)
ask <- file("stdin", "r")
cat("ready", as.character(packageVersion("surveillance")), "\n")
while (length(name <- readLines(ask, 1)) > 0) {
  sink(nullfile())
  took <- system.time(methods[[name]]())[["elapsed"]]
  sink()
  cat(took, "\n")
}
